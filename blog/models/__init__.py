"""What is stored of the blog, by noun."""

from blog.models.author import Author
from blog.models.post import BlogIndexPage, BlogPostPage, PostAuthor, PostTag, Topic

__all__ = ["Author", "BlogIndexPage", "BlogPostPage", "PostAuthor", "PostTag", "Topic"]
