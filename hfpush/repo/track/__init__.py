"""`.gitattributes` written for what a repository holds, and what is staged made fit to it."""
