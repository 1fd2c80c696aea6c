"""The one file: opening, transactions, migrations, change notices, events, content-addressed files."""
