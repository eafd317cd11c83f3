"""`python -m hfpush` is `hfpush`."""

from hfpush.cli import main

main()
