"""WHAT IS SAID: pointers, batch requests and answers, parts. Values only, no I/O."""
