"""The history sealed: every so often all new rows of all event tables become one more link of a chain of hashes.

A seal covers of each table the rows with ids from (exclusive) to (inclusive). No row may come into such a range
later, although transactions commit in any order. That is made sure by asking in this order:

1. what is the newest id that the table's sequence has given out (W)?
2. which transactions hold a lock on the table that allows writing?

Whoever took an id up to W held that lock when they took it and holds it until they end. So when none of those
of step 2 is left, every row up to W is there or never will be. Those still at work are noted (`SealMark`), and the
next turn looks again; nobody is made to wait. See docs/adr/0030.

The hash of a row is the SHA-256 of its columns in the order that the seal names, joined by commas: `-` for null, else
the number of bytes in UTF-8, a colon, and the value as PostgreSQL writes it as text in UTC. The hash of a range is the
SHA-256 of the hashes (32 bytes each) of its rows by id. The hash of a seal is that of its JSON (`chain.body_of`).
"""
