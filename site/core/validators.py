"""What typed text must not contain."""

from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

plain_text = RegexValidator(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", _("Please use plain text."), inverse_match=True)

# A line break in a name would be a second header in a mail.
one_line = RegexValidator(r"[\x00-\x1f\x7f\u2028\u2029]", _("Please use one line of plain text."), inverse_match=True)
