"""Twilio's voice webhooks: `hearing` reads a form, `speaking` writes TwiML, and nothing else does."""
