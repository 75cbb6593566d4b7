"use client";

/** Changes between light and dark and remembers it in this browser. */
export function toggleTheme(): void {
  const next = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
  document.documentElement.dataset.theme = next;
  localStorage.setItem("reprise-theme", next);
}

export function ThemeSwitch() {
  return (
    <button
      type="button"
      className="control w-7 justify-center px-0"
      onClick={toggleTheme}
      aria-label="Change between light and dark"
    >
      <svg viewBox="0 0 16 16" className="size-3.5" aria-hidden="true">
        <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" strokeWidth="1.5" />
        <path d="M8 2a6 6 0 0 1 0 12z" fill="currentColor" />
      </svg>
    </button>
  );
}
