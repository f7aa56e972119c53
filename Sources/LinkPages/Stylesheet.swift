/// The one stylesheet of all pages.
public enum Stylesheet {
    /// The exact text between `<style>` and `</style>`, for its hash in the Content-Security-Policy.
    public static let text = html.source

    static let html: HTML = """

        :root {
          --page: #eef1f4; --card: #ffffff; --line: #d3dae1; --edge: #6b7885;
          --ink: #17212b; --soft: #4a5866;
          --accent: #0b5a8a; --accent-strong: #084567; --on-accent: #ffffff; --tint: #e3eef6;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --page: #10161c; --card: #19222b; --line: #33414e; --edge: #8596a6;
            --ink: #e9eef3; --soft: #aebbc7;
            --accent: #7cc0ee; --accent-strong: #a5d5f6; --on-accent: #0a1722; --tint: #1d3444;
          }
        }
        * { box-sizing: border-box; }
        html { color-scheme: light dark; -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
        body {
          margin: 0; min-height: 100vh; display: flex; flex-direction: column;
          background: var(--page); color: var(--ink);
          font: 1.0625rem/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", Arial, sans-serif;
          overflow-wrap: anywhere;
        }
        .column { width: 100%; max-width: 44rem; margin: 0 auto; padding: 0 1.25rem; }
        main.column { flex: 1; padding-top: 2rem; padding-bottom: 2rem; }
        header.site { background: var(--card); border-top: 4px solid var(--accent); border-bottom: 1px solid var(--line); }
        header.site p { margin: 0; padding: 1rem 0; font-size: 1.125rem; font-weight: 650; letter-spacing: -.005em; }
        footer.site { color: var(--soft); font-size: .9375rem; padding-bottom: 1.5rem; }
        footer.site p { margin: 0; padding-top: 1rem; border-top: 1px solid var(--line); }

        h1, h2, h3 { line-height: 1.25; margin: 0 0 .75rem; font-weight: 650; text-wrap: balance; }
        h1 { font-size: clamp(1.5rem, 1.2rem + 1.5vw, 2rem); letter-spacing: -.015em; }
        h2 { font-size: 1.25rem; margin-top: 2.25rem; }
        h3 { font-size: 1.0625rem; margin-bottom: .25rem; }
        p { margin: 0 0 1rem; text-wrap: pretty; }
        a { color: var(--accent); text-underline-offset: .15em; }
        a:hover { color: var(--accent-strong); text-decoration-thickness: 2px; }
        :focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; border-radius: 4px; }
        .small { color: var(--soft); font-size: .9375rem; line-height: 1.55; }
        .hidden:not(:focus) {
          position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap;
        }
        .skip { position: absolute; left: -100vw; top: 0; padding: .75rem 1rem; background: var(--card); z-index: 1; }
        .skip:focus { left: 0; }

        .card {
          background: var(--card); border: 1px solid var(--line); border-radius: 12px;
          padding: clamp(1.25rem, 5vw, 2.25rem); box-shadow: 0 1px 2px rgb(0 0 0 / .04), 0 6px 20px rgb(0 0 0 / .04);
        }
        .card > :last-child { margin-bottom: 0; }
        .symbol { display: block; width: 3rem; height: 3rem; margin-bottom: 1.25rem; }
        .symbol circle { fill: var(--tint); }
        .symbol path {
          fill: none; stroke: var(--accent); stroke-width: 2.5; stroke-linecap: round; stroke-linejoin: round;
        }

        button, .button {
          display: inline-flex; align-items: center; justify-content: center; min-height: 3rem; padding: .625rem 1.5rem;
          border: 2px solid transparent; border-radius: 8px; cursor: pointer; font: inherit; font-weight: 600;
          line-height: 1.3; text-align: center; text-decoration: none; transition: background-color .15s;
        }
        .field { margin: 0 0 1.25rem; }
        .field label { display: block; margin-bottom: .375rem; font-weight: 600; }
        .field input {
          width: 100%; min-height: 3rem; padding: .625rem .875rem; border: 1px solid var(--edge); border-radius: 8px;
          background: var(--page); color: var(--ink); font: inherit;
        }
        .complaint { padding: .75rem 1rem; border-left: 4px solid var(--accent); background: var(--tint); }
        form { margin: 1.5rem 0; }
        form:last-child { margin-bottom: 0; }
        .primary { background: var(--accent); color: var(--on-accent); }
        .primary:hover { background: var(--accent-strong); }
        .secondary, .quiet { background: transparent; color: var(--accent); border-color: var(--edge); }
        .secondary:hover, .quiet:hover { background: var(--tint); color: var(--accent-strong); }
        .quiet { min-height: 2.75rem; padding: .375rem 1rem; border-width: 1px; }
        .more { margin-top: 1.5rem; padding-top: 1.5rem; border-top: 1px solid var(--line); }
        .more form { margin-top: 0; }
        .choices { display: flex; flex-wrap: wrap; gap: .75rem; margin-top: 1.5rem; }
        .choices form { margin: 0; }

        .session {
          display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; align-items: center; justify-content: space-between;
          margin-bottom: 1.25rem;
        }
        .session p, .session form { margin: 0; }
        .sessions { list-style: none; margin: 0; padding: 0; }
        .sessions li {
          display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; align-items: center; justify-content: space-between;
          padding: 1rem 0; border-top: 1px solid var(--line);
        }
        .sessions form { margin: 0; }
        .sessions .grants { flex: 1 0 100%; list-style: none; margin: 0; padding: 0 0 0 1.25rem; }
        .sessions .grants li { padding: .25rem 0; border-top: 0; }
        dl { display: flex; flex-wrap: wrap; gap: .75rem 2.5rem; margin: 0 0 1.25rem; }
        dt { color: var(--soft); font-size: .9375rem; }
        dd { margin: 0; font-weight: 600; }
        .reply { padding-top: 1rem; border-top: 1px solid var(--line); }
        .message { margin-bottom: 1rem; padding: 1.25rem clamp(1.25rem, 4vw, 1.75rem); }
        .message.desk { border-left: 4px solid var(--accent); }
        .attachments { margin-top: 1rem; padding-top: .75rem; border-top: 1px solid var(--line); }
        .attachments p, .attachments ul { margin: 0; }
        .attachments ul { padding-left: 1.25rem; }
        .byline { color: var(--soft); font-size: .9375rem; display: flex; flex-wrap: wrap; gap: .125rem .75rem; }
        .mark { color: var(--ink); font-weight: 600; }
        .text { white-space: pre-wrap; }
        .note { color: var(--soft); font-style: italic; }
        code { font: .9375em ui-monospace, SFMono-Regular, Consolas, "Liberation Mono", monospace; }

        @media (max-width: 30rem) {
          .card form, .card button, .choices, .choices .button { width: 100%; }
          main.column { padding-top: 1.25rem; }
        }
        @media (prefers-reduced-motion: reduce) { * { transition: none !important; } }
        @media (forced-colors: active) { button, .button { border-color: ButtonText; } }
        @media print {
          :root {
            --page: #ffffff; --card: #ffffff; --line: #bbbbbb; --ink: #000000; --soft: #333333; --accent: #000000;
          }
          form, .skip, .reply, .symbol, .more { display: none; }
          .card { box-shadow: none; border-radius: 0; padding: .75rem 0; border-width: 0 0 1px; }
          .message.desk { border-left: 0; }
          .message { break-inside: avoid-page; }
          .column { max-width: none; padding: 0; }
          h1, h2, h3 { break-after: avoid; }
        }

        """
}
