"""inboxtrack reads order, shipment and delivery mails and knows where every order is."""

__version__ = "0.1.0"
