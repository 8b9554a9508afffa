"""From a file to records: read it safely, match its columns, plan what changes, write it.

bytes → `tables` (header and rows) → `mapping` (which column is which field) → `plan` (pure: records
and problems) → `changes` (pure: against what the portfolio holds) → `apply` (the only part that writes).
Presets are mappings as data; a mapping that a person saves has the same form.
"""
