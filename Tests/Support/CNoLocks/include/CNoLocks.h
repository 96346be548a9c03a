/// Exports nothing: the library replaces a function of the C library.
