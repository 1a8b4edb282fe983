"""What is stored of the blog and the newsletter, by noun."""

from blog.models.author import Author
from blog.models.comment import Comment, CommentSettings, CommentState
from blog.models.newsletter import (
    Delivery,
    DeliveryState,
    NewsletterIndexPage,
    NewsletterIssuePage,
    Sending,
    SendingState,
    WhenMissing,
)
from blog.models.post import BlogIndexPage, BlogPostPage, PostAuthor, PostTag, Topic
from blog.models.subscriber import Subscriber, SubscriberState

__all__ = [
    "Author",
    "BlogIndexPage",
    "BlogPostPage",
    "Comment",
    "CommentSettings",
    "CommentState",
    "Delivery",
    "DeliveryState",
    "NewsletterIndexPage",
    "NewsletterIssuePage",
    "PostAuthor",
    "PostTag",
    "Sending",
    "SendingState",
    "Subscriber",
    "SubscriberState",
    "Topic",
    "WhenMissing",
]
