/** Where the browser keeps the theme that was chosen. */
export const THEME_KEY = "mixdesk-theme";
