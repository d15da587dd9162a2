// A place belongs to one option: whoever gives it to another, gives the first one the place left free.
const AT = /^(\d+):/;

function placeOf(box) {
  return AT.exec(box.value)?.[1] ?? "";
}

function give(box, place) {
  const wanted = [...box.options].find((each) => (AT.exec(each.value)?.[1] ?? "") === place);
  box.value = wanted.value;
}

function keepApart(boxes) {
  let before = boxes.map(placeOf);
  boxes.forEach((box, position) => {
    box.addEventListener("change", () => {
      const place = placeOf(box);
      const other = boxes.find((each) => each !== box && place && placeOf(each) === place);
      if (other) {
        give(other, before[position]);
      }
      before = boxes.map(placeOf);
    });
  });
}

for (const question of document.querySelectorAll("[data-places]")) {
  keepApart([...question.querySelectorAll("select")]);
}
