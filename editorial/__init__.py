"""The editors' desk: inbox, publish checks, mails of the review, calendar, where things are used."""
