"""What the line remembers: tables, the engine, migrations, imports and demo data."""
