"""What is kept: schema, migrations and all SQL there is."""
