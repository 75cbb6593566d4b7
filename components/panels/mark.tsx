/** The mark of Reprise: the sign that a passage is played again. */
export function Mark() {
  return (
    <svg viewBox="0 0 20 20" className="size-5 text-accent" aria-hidden="true">
      <path d="M3 4h2v12H3zM7 4h1v12H7z" fill="currentColor" />
      <circle cx="11" cy="7.5" r="1.4" fill="currentColor" />
      <circle cx="11" cy="12.5" r="1.4" fill="currentColor" />
      <path d="M14 10h5" stroke="currentColor" strokeWidth="1.5" />
    </svg>
  );
}
