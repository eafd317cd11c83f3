"""A history made anew with LFS pointers in place of large and binary files: object by object, no ref is moved."""
