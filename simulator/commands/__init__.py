"""What the `ledgerfolk` command can do, a file for each noun.

Modules here import nothing heavy at the top: `ledgerfolk --help` reads them all.
"""
