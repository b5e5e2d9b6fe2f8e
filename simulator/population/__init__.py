"""Who lives in the world: people, firms, accounts, who knows whom and where one shops, as documented columns."""
