"""Pictures of an import: from our library, from the files that came with it, or fetched by `fetch.py`."""

from __future__ import annotations

import hashlib
import io
import posixpath
import warnings
from collections.abc import Iterable
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.contrib.auth.models import User
from django.core.files.images import ImageFile
from django.db import IntegrityError, transaction
from django.utils.text import get_valid_filename
from django.utils.translation import gettext
from PIL import Image as Pillow
from wagtail.permissions import policy_registry

from catalog.exchange.fetch import PictureProblem, fetch
from catalog.exchange.vocabulary import Image, address_of, own_image
from catalog.models import ImportFile, PictureSource

SUFFIXES = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp", "GIF": ".gif", "AVIF": ".avif"}
MAX_BYTES = settings.WAGTAILIMAGES_MAX_UPLOAD_SIZE
MAX_PIXELS = settings.WAGTAILIMAGES_MAX_IMAGE_PIXELS


def digest(address: str) -> str:
    return hashlib.sha256(address.encode()).hexdigest()


def known(addresses: Iterable[str]) -> dict[str, int | None]:
    """Address -> id, of those that are in our library already."""
    found: dict[str, int | None] = {}
    remote = {}
    for address in addresses:
        if address.startswith(address_of("")):
            if pk := own_image(address):
                found[address] = pk
        else:
            remote[digest(address)] = address
    if remote:
        sources = PictureSource.objects.filter(digest__in=remote).values_list("digest", "image")
        found.update({remote[key]: pk for key, pk in sources})
    return found


def bring(address: str, user: User, files: dict[str, int]) -> int:
    """Id of the picture behind an address, fetched and added to the library. Raises PictureProblem.

    `files`: name -> id of the import's own files, asked first for what is no web address.
    """
    if not policy_registry.get_by_type(Image).user_has_permission(user, "add"):
        raise PictureProblem(gettext("You may not add pictures."))
    local = is_local(address)
    data = from_files(address, files) if local else fetch(address, MAX_BYTES)
    suffix = checked(data)
    image = same_picture(data) or added(data, address, suffix, user)
    return image.pk if local else remember(address, image)


def is_local(address: str) -> bool:
    return not address.lower().startswith(("http://", "https://"))


def known_files(addresses: Iterable[str], files: dict[str, int]) -> dict[str, int | None]:
    """Of what is no web address: the id where our library has the same picture, None where no such file came along."""
    found: dict[str, int | None] = {}
    for address in filter(is_local, addresses):
        try:
            image = same_picture(from_files(address, files))
        except PictureProblem:
            found[address] = None
        else:
            found.update({address: image.pk} if image else {})
    return found


def same_picture(data: bytes) -> Image | None:
    """A picture of our library with this very content, as Wagtail itself finds doubles."""
    return Image.objects.filter(file_hash=content_hash(data)).order_by("pk").first()


def content_hash(data: bytes) -> str:
    return hashlib.sha1(data, usedforsecurity=False).hexdigest()


def from_files(address: str, files: dict[str, int]) -> bytes:
    """A file that came with the import, by its path or its bare name."""
    pk = files.get(address) or files.get(posixpath.basename(address))
    if pk is None:
        raise PictureProblem(gettext("This is neither a web address nor a file that came with the import."))
    return bytes(ImportFile.objects.values_list("data", flat=True).get(pk=pk))


def checked(data: bytes) -> str:
    """The suffix that fits the content. Raises PictureProblem when it is no picture, or too large a one."""
    if len(data) > MAX_BYTES:
        raise PictureProblem(gettext("The picture is larger than %(limit)s MB.") % {"limit": MAX_BYTES // 1024 // 1024})
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Pillow.DecompressionBombWarning)
            with Pillow.open(io.BytesIO(data), formats=list(SUFFIXES)) as picture:
                if picture.width * picture.height > MAX_PIXELS:
                    raise PictureProblem(gettext("The picture has too many pixels."))
                suffix = SUFFIXES[picture.format or ""]
                picture.load()
    except PictureProblem:
        raise
    except Exception as error:  # Pillow raises whatever its decoders do
        raise PictureProblem(gettext("This is no picture that we can show (JPEG, PNG, WebP, GIF or AVIF).")) from error
    return suffix


def added(data: bytes, address: str, suffix: str, user: User) -> Image:
    """A new picture in the library, named after its address."""
    stem = posixpath.splitext(posixpath.basename(unquote(urlsplit(address).path)))[0][:80] or "picture"
    title = " ".join(stem.replace("_", " ").replace("-", " ").split()).capitalize()
    try:
        name = get_valid_filename(stem)
    except ValueError:  # nothing but dots
        name = "picture"
    file = ImageFile(io.BytesIO(data), name=f"{name}{suffix}")
    image = Image(title=title or name, file=file, uploaded_by_user=user)
    image.file_size, image.file_hash = len(data), content_hash(data)
    image.save()
    return image


def remember(address: str, image: Image) -> int:
    """Notes where a picture came from. Another import may have brought it meanwhile: then its picture counts."""
    try:
        with transaction.atomic():
            PictureSource.objects.create(digest=digest(address), address=address, image=image)
    except IntegrityError:
        return PictureSource.objects.values_list("image", flat=True).get(digest=digest(address))
    return image.pk
