/** The page's line drawings on a 24 by 24 grid, under the names that the catalogue uses. */

const sheet = "M7 3h7l5 5v13H7z M14 3v5h5";

export const shapes = {
  // Reports
  "bar-chart-3": "M4 4v16h16 M9 16v-4 M13 16V8 M17 16v-6",
  "file-text": `${sheet} M10 13h6 M10 17h6`,
  "file-check": `${sheet} M10 15l2 2 4-4`,
  layers: "M12 4l8 4-8 4-8-4z M4 12l8 4 8-4 M4 16l8 4 8-4",
  history: "M4.5 9a8 8 0 1 1-.3 5 M4 4v5h5 M12 8v4l3 2",
  "trending-up": "M4 17l5-5 4 4 7-8 M15 8h5v5",
  award: "M12 3.5a5 5 0 1 0 0 10a5 5 0 0 0 0-10z M9 13l-1 8 4-2 4 2-1-8",
  timer: "M12 7a7 7 0 1 0 0 14a7 7 0 0 0 0-14z M12 14v-4 M10 3h4",
  hourglass: "M7 3h10 M7 21h10 M8 3v4l4 5-4 5v4 M16 3v4l-4 5 4 5v4",
  "undo-2": "M9 14L4 9l5-5 M4 9h10a6 6 0 0 1 0 12h-3",
  "clock-alert": "M14 4.3A8 8 0 1 0 19.8 13 M12 8v4l3 2 M20 4v4 M20 10.9v.2",
  star: "M12 3.5l2.6 5.3 5.9.9-4.2 4.1 1 5.8-5.3-2.7-5.3 2.7 1-5.8-4.2-4.1 5.9-.9z",
  file: sheet,
  // The page's own
  alert: "M12 4L2.5 20h19z M12 10v4 M12 16.9v.2",
  "arrow-left": "M11 6l-6 6 6 6 M5 12h14",
  "arrow-right": "M13 6l6 6-6 6 M19 12H5",
  check: "M5 12.5l4.5 4.5L19 7.5",
  "chevron-down": "M6 9l6 6 6-6",
  close: "M6 6l12 12 M18 6L6 18",
  download: "M12 4v11 M7 11l5 5 5-5 M5 20h14",
  open: "M14 4h6v6 M20 4l-9 9 M18 14v6H4V6h6",
  search: "M11 5a6 6 0 1 0 0 12a6 6 0 0 0 0-12z M15.5 15.5L20 20",
};
