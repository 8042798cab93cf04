"""How messages leave: the notifier contract, Apprise, and the rendering of texts."""
