// Puts the player in place of the still picture when it is pressed. Without this script the picture leads to the video.

document.addEventListener("click", (event) => {
  const cover = event.target.closest("a[data-player]");
  if (!cover || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const player = document.createElement("iframe");
  const address = new URL(cover.dataset.player);
  address.searchParams.set("autoplay", "1");
  player.src = address;
  player.title = cover.dataset.title;
  player.className = "video__player";
  player.allow = "autoplay; fullscreen; picture-in-picture";
  player.allowFullscreen = true;
  player.referrerPolicy = "strict-origin-when-cross-origin";
  cover.replaceWith(player);
  player.focus();
});
