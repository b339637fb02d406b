"""The door: ``hangtag serve`` opens pages and an API on a catalogue or a run, in one process.

    routes/       what can be asked, a file per group; ``routes/__init__.py`` has the table
    shapes.py     what goes in and comes out, as JSON; beside it those of items, runs, webhooks
    pages/        templates of the pages; static/ their styles and scripts, our own
    app.py        routes, guards and errors put together
    guard.py      who may: Host, Origin, tokens, keys, policies, headers; limits.py how much
    keys.py       keys of others than the person at this machine
    repeats.py    the same write asked twice is done once
    line.py       how many are served at once, how many wait, who is refused
    decoding.py   images of strangers, decoded in processes that may take little
    door.py       what all routes share: the catalogue, the model, the processes
    jobs.py       long work, how far it is, and its end; found.py keeps what it found out
    hooks.py      who is told of changes; outward.py the one way out
    start.py      from a command line to a server that drains when it is told to end
    client.py     the same from Python, elsewhere

Nothing here is imported by ``hangtag --help``; the web's libraries load with ``app.py``.
"""
