"""Counts become safe to publish.

`policy` and `plan` are what a service decides; `cells` is what goes in and comes out. `suppress` decides what is printed,
with what lies in `protector`; `attack` tries to undo it from what is printed alone. Both stand on `facts`, which everybody
knows, on `system`, which counts everything printed in the same records, and on `model`, which finds such records. The
`ledger` holds earlier releases; a `certificate` proves a release safe, and `checking` checks it.
"""
