/** The sign of the desk: three faders. */
export function Mark({ size = 24 }: { size?: number }) {
  return (
    <svg aria-hidden="true" viewBox="0 0 32 32" width={size} height={size} className="shrink-0">
      <rect width="32" height="32" rx="8" className="fill-accent" />
      <path
        d="M9 6v20M16 6v20M23 6v20"
        className="stroke-on-accent"
        strokeWidth="2"
        strokeLinecap="round"
        opacity=".5"
      />
      <g className="fill-on-accent">
        <rect x="5.5" y="17" width="7" height="4.5" rx="1.5" />
        <rect x="12.5" y="8" width="7" height="4.5" rx="1.5" />
        <rect x="19.5" y="13" width="7" height="4.5" rx="1.5" />
      </g>
    </svg>
  );
}
