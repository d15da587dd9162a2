// The answers on the page as the server would read them; undefined where nothing is answered.
const NUMBER = /^[+-]?\d{1,15}(?:\.\d{1,15})?$/;

function sent(form, id) {
  return new FormData(form).getAll(`q_${id}`);
}

function places(values) {
  const given = values.map((value) => value.split(":")).sort((a, b) => a[0] - b[0]);
  return given.map(([, code]) => code);
}

const READ = {
  point: ([value]) => Number(value),
  choices: (values) => values,
  places,
  number([value]) {
    const plain = value.replace(/\s/g, "").replace(",", ".");
    return NUMBER.test(plain) ? Number(plain) : undefined;
  },
  text: ([value]) => value.trim() || undefined,
};

function file(values) {
  const isChosen = values.some((value) => value instanceof File && value.name);
  const isHere = values.some((value) => typeof value === "string" && value);
  return isChosen || (isHere && !values.includes("remove")) ? { file: "here" } : undefined;
}

export function answerOn(form, { id, as, way_out: wayOut }) {
  const values = sent(form, id);
  if (as === "file") {
    return file(values);
  }
  const given = values.filter((value) => value !== "");
  if (given.length === 0) {
    return undefined;
  }
  return wayOut && given.includes(wayOut) ? { escape: wayOut } : READ[as](given);
}
