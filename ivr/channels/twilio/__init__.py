"""Twilio's voice webhooks: `hearing` reads a form, `speaking` writes TwiML."""
