"use client";

import { useSyncExternalStore } from "react";
import { store, stored } from "@/lib/stored";
import { THEME_KEY } from "@/lib/theme-key";

export type ThemeName = "light" | "dark";
export type ThemeChoice = ThemeName | "system";

const DARK = "(prefers-color-scheme: dark)";

function isName(text: string | null | undefined): text is ThemeName {
  return text === "light" || text === "dark";
}

/** Sets the theme of this page, and of the next ones. */
export function chooseTheme(choice: ThemeChoice): void {
  store("local", THEME_KEY, choice === "system" ? null : choice);
  apply(choice);
}

function apply(choice: ThemeChoice): void {
  if (choice === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = choice;
}

function subscribe(tell: () => void): () => void {
  const system = matchMedia(DARK);
  const page = new MutationObserver(tell);
  const otherTab = (event: StorageEvent) => {
    if (event.key === THEME_KEY) apply(isName(event.newValue) ? event.newValue : "system");
  };
  page.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  system.addEventListener("change", tell);
  addEventListener("storage", otherTab);
  return () => {
    page.disconnect();
    system.removeEventListener("change", tell);
    removeEventListener("storage", otherTab);
  };
}

function shownTheme(): ThemeName {
  const forced = document.documentElement.dataset.theme;
  if (isName(forced)) return forced;
  return matchMedia(DARK).matches ? "dark" : "light";
}

/** The theme that is shown, for what draws its own colours: a chart is drawn anew when it changes. */
export function useThemeName(): ThemeName {
  return useSyncExternalStore(subscribe, shownTheme, () => "light");
}

function choice(): ThemeChoice {
  const kept = stored("local", THEME_KEY);
  return isName(kept) ? kept : "system";
}

/** What was chosen. */
export function useThemeChoice(): ThemeChoice {
  return useSyncExternalStore(subscribe, choice, () => "system");
}
