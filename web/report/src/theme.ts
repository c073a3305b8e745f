// Dark or light, teal and red or blue and orange: follows the system until the reader chooses; the choice is stored.

const KEY = "wickwork-report";
const root = document.documentElement;
const dark = matchMedia("(prefers-color-scheme: light)");
const listeners = new Set<() => void>();

interface Choice {
  theme?: string;
  scheme?: string;
}

/** The stored choice; none if the browser has no storage for files. */
function stored(): Choice {
  try {
    return (JSON.parse(localStorage.getItem(KEY) ?? "{}") ?? {}) as Choice;
  } catch {
    return {};
  }
}

function store(choice: Choice): void {
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...stored(), ...choice }));
  } catch {
    // The choice holds until the page is closed.
  }
}

function show(theme: string, scheme: string): void {
  root.dataset["theme"] = theme === "light" ? "light" : "dark";
  root.dataset["scheme"] = scheme === "bo" ? "bo" : "tr";
  for (const listener of listeners) listener();
}

/** Apply the stored theme, or that of the system. */
export function remembered(): void {
  const choice = stored();
  show(choice.theme ?? (dark.matches ? "light" : "dark"), choice.scheme ?? "tr");
}

export function followSystem(): void {
  dark.addEventListener("change", () => {
    if (!stored().theme) remembered();
  });
}

export function toggleTheme(): void {
  const theme = root.dataset["theme"] === "light" ? "dark" : "light";
  store({ theme });
  show(theme, root.dataset["scheme"] ?? "tr");
}

export function toggleScheme(): void {
  const scheme = root.dataset["scheme"] === "bo" ? "tr" : "bo";
  store({ scheme });
  show(root.dataset["theme"] ?? "dark", scheme);
}

/** Paper is white: the light theme while printing, without forgetting the reader's. */
export function lightForPaper(): () => void {
  const theme = root.dataset["theme"] ?? "dark";
  const scheme = root.dataset["scheme"] ?? "tr";
  show("light", scheme);
  return () => show(theme, scheme);
}

export function onTheme(listener: () => void): void {
  listeners.add(listener);
}

/** A colour of the current theme by its token, in the format of the charts. */
export function ink(token: string): string {
  return getComputedStyle(root).getPropertyValue(`--${token}`).trim();
}

/** The colour `#rrggbb` with an opacity from 0 to 1. */
export function faded(token: string, share: number): string {
  const alpha = Math.round(share * 255).toString(16).padStart(2, "0");
  return ink(token === "up" ? upToken() : token === "down" ? downToken() : token) + alpha;
}

const upToken = (): string => (root.dataset["scheme"] === "bo" ? "blue" : "teal");
const downToken = (): string => (root.dataset["scheme"] === "bo" ? "orange" : "red");

export const up = (): string => ink(upToken());
export const down = (): string => ink(downToken());
