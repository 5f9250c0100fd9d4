// Shows the sections that have all words of the search; those with the words in their headings come first.
const input = document.getElementById("search");
const found = document.getElementById("found");
const article = document.querySelector("article");

function score(section, words) {
  const title = (section.page + " " + section.heading).toLowerCase();
  const text = section.text.toLowerCase();
  let sum = 0;
  for (const word of words) {
    if (title.includes(word)) {
      sum += 10;
    } else if (text.includes(word)) {
      sum += 1;
    } else {
      return 0;
    }
  }
  return sum;
}

function entry(section, word) {
  const link = document.createElement("a");
  link.href = document.body.dataset.top + section.url;
  link.append(section.page === section.heading ? section.page : section.page + " › " + section.heading);
  const at = Math.max(0, section.text.toLowerCase().indexOf(word) - 60);
  const excerpt = document.createElement("small");
  excerpt.textContent = section.text.slice(at, at + 180);
  link.append(excerpt);
  link.addEventListener("click", () => { input.value = ""; search(); });
  return link;
}

function search() {
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  found.hidden = words.length === 0;
  article.hidden = words.length > 0;
  const hits = words.length === 0 ? [] : SECTIONS.map(section => ({section, points: score(section, words)}))
    .filter(hit => hit.points > 0).sort((a, b) => b.points - a.points).slice(0, 40);
  found.replaceChildren(...hits.map(hit => entry(hit.section, words[0])));
  if (words.length > 0 && hits.length === 0) {
    found.textContent = "Nothing found.";
  }
}

input.addEventListener("input", search);
