"""``python -m hangtag`` is the ``hangtag`` command."""

from hangtag.cli import main

if __name__ == "__main__":
    main()
