"use client";

import { Monitor, Moon, Sun } from "lucide-react";
import { Menu, MenuItem } from "@/ui/menu";
import { chooseTheme, type ThemeChoice, useThemeChoice, useThemeName } from "./theme";

const CHOICES: readonly (readonly [choice: ThemeChoice, words: string, icon: typeof Sun])[] = [
  ["system", "As the system", Monitor],
  ["light", "Light", Sun],
  ["dark", "Dark", Moon],
];
const WIDTH = 180;

export function ThemeMenu() {
  const chosen = useThemeChoice();
  const Shown = useThemeName() === "dark" ? Moon : Sun;
  return (
    <Menu
      name="Theme"
      label="Theme"
      width={WIDTH}
      triggerClassName="size-9 p-0"
      trigger={<Shown aria-hidden="true" size={18} />}
    >
      {CHOICES.map(([choice, words, Icon]) => (
        <MenuItem key={choice} checked={choice === chosen} onClick={() => chooseTheme(choice)}>
          <Icon aria-hidden="true" size={16} />
          {words}
          {choice === chosen && (
            <span aria-hidden="true" className="ml-auto text-accent">
              ✔
            </span>
          )}
        </MenuItem>
      ))}
    </Menu>
  );
}
