// What an expression comes to, as surveyapp/questionnaires/evaluation.py says; null is "unknown".
// Both are held to tests/questionnaires/expression_vectors.json.
const isNumber = (value) => typeof value === "number";
const isText = (value) => typeof value === "string";
const isTruth = (value) => typeof value === "boolean";
const not = (value) => (isTruth(value) ? !value : null);

function and(values) {
  return values.includes(false) ? false : values.every((value) => value === true) || null;
}

function order(left, right) {
  if (!isText(left)) {
    return left < right ? -1 : left > right ? 1 : left === right ? 0 : NaN;
  }
  const [a, b] = [[...left], [...right]].map((signs) => signs.map((sign) => sign.codePointAt(0)));
  const at = a.findIndex((sign, position) => sign !== b[position]);
  return at < 0 ? a.length - b.length : at >= b.length ? 1 : a[at] - b[at];
}

const SIGNS = {
  "==": (by) => by === 0,
  "!=": (by) => by !== 0,
  "<": (by) => by < 0,
  "<=": (by) => by <= 0,
  ">": (by) => by > 0,
  ">=": (by) => by >= 0,
};

function compare(sign, left, right) {
  const isAlike = [isNumber, isText].some((is) => is(left) && is(right));
  const isEqual = isTruth(left) && isTruth(right) && ["==", "!="].includes(sign);
  return isAlike || isEqual ? SIGNS[sign](order(left, right)) : null;
}

function calculate(sign, left, right) {
  if (!isNumber(left) || !isNumber(right) || (sign === "/" && right === 0)) {
    return null;
  }
  return { "+": left + right, "-": left - right, "*": left * right, "/": left / right }[sign];
}

function shifted(number, places) {
  const [digits, power = "0"] = String(number).split("e");
  return Number(`${digits}e${Number(power) + places}`);
}

function round(number, places = 0) {
  if (!Number.isFinite(number) || ![0, 1, 2, 3, 4, 5, 6].includes(places)) {
    return null;
  }
  // half goes up, away from zero: as at school
  return Math.sign(number) * shifted(Math.round(shifted(Math.abs(number), places)), -places) || 0;
}

function day(text) {
  const at = isText(text) && /^\d{4}-\d\d-\d\d$/.test(text) ? new Date(`${text}T00:00:00Z`) : NaN;
  return !Number.isNaN(Number(at)) && at.toISOString().startsWith(text) ? Number(at) / 86400000 : null;
}

function chosen(value, wanted, quantify) {
  const codes = isText(value) ? [value] : value;
  return Array.isArray(codes) && Array.isArray(wanted)
    ? wanted[quantify]((code) => codes.includes(code))
    : null;
}

const OF_NUMBERS = {
  min: (numbers) => Math.min(...numbers),
  max: (numbers) => Math.max(...numbers),
  mean: (numbers) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length,
  round: (numbers) => round(...numbers),
};

const FUNCTIONS = {
  any_of: ([value, wanted]) => chosen(value, wanted, "some"),
  all_of: ([value, wanted]) => chosen(value, wanted, "every"),
  count: ([value]) => (Array.isArray(value) ? value.length : null),
  coalesce: (values) => values.find((value) => value !== null) ?? null,
  if: ([condition, then, otherwise]) => (isTruth(condition) ? (condition ? then : otherwise) : null),
  days_between: ([first, last]) => {
    const days = [day(first), day(last)];
    return days.includes(null) ? null : days[1] - days[0];
  },
};

function call(tree, answers, sources) {
  if (tree.function === "answered") {
    return Object.hasOwn(answers, tree.arguments[0].id);
  }
  if (tree.function === "today") {
    return sources.clock?.today ?? null;
  }
  const values = tree.arguments.map((part) => evaluate(part, answers, sources));
  if (tree.function in OF_NUMBERS) {
    return values.every(isNumber) ? OF_NUMBERS[tree.function](values) : null;
  }
  return FUNCTIONS[tree.function](values);
}

export function evaluate(tree, answers, sources = {}) {
  const of = (part) => evaluate(part, answers, sources);
  switch (tree.node) {
    case "known":
    case "literal":
      return tree.value;
    case "list":
      return tree.values.map(String);
    case "answer": {
      const value = Object.hasOwn(answers, tree.id) ? answers[tree.id] : null;
      return Array.isArray(value) || typeof value !== "object" ? value : null;
    }
    case "source":
      return sources[tree.source]?.[tree.name] ?? null;
    case "not":
      return not(of(tree.part));
    case "and":
      return and(tree.parts.map(of));
    case "or":
      return not(and(tree.parts.map((part) => not(of(part)))));
    case "compare":
      return compare(tree.operator, of(tree.left), of(tree.right));
    case "in": {
      const value = of(tree.value);
      return isNumber(value) || isText(value) ? tree.options.includes(value) : null;
    }
    case "arithmetic":
      return calculate(tree.operator, of(tree.left), of(tree.right));
    default:
      return call(tree, answers, sources);
  }
}
