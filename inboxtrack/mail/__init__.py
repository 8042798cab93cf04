"""Where mails come from, what they say, and whether they are from whom they claim."""
