/* Puts the page into order. Without it the verdict and everything below it are there all the same. */
(() => {
  const root = document.documentElement
  root.classList.add('gs-js')
  if (!root.lang) root.lang = 'en'
  const head = (html) => document.head.insertAdjacentHTML('beforeend', html)
  if (!document.querySelector('meta[name="viewport"]')) head('<meta name="viewport" content="width=device-width, initial-scale=1">')
  if (!document.querySelector('link[rel~="icon"]')) head('<link rel="icon" href="data:,">')

  const make = (name, attributes = {}, ...children) => {
    const made = document.createElement(name)
    Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value))
    made.append(...children)
    return made
  }

  const order = () => {
    const parts = document.querySelector('.gs-head').parentElement
    const summary = parts.closest('.summary')
    const rows = document.getElementById('gs-rows') || document.getElementById('results-table')
    const title = document.getElementById('title')
    const main = make('main', { id: 'gs-main' })
    const generated = document.querySelector('#title ~ p')
    const top = make('header', { class: 'gs-top' })
    title.before(top)
    top.append(title, ...(generated ? [generated] : []))
    top.after(main)
    main.append(...parts.childNodes)
    parts.remove()
    if (summary) {
      summary.querySelector('.summary__data > h2')?.remove()
      main.append(summary)
    }
    if (rows) main.append(rows)
    const said = document.querySelector('.gs-head').dataset.title
    if (said) document.title = said
  }

  /* Links to the sections, in their order. */
  const nav = () => {
    const list = make('ul')
    document.querySelectorAll('.gs-section[id]').forEach((section) => {
      const name = section.dataset.nav || section.querySelector('h2')?.firstChild?.textContent.trim()
      if (name) list.append(make('li', {}, make('a', { href: `#${section.id}` }, name)))
    })
    if (list.children.length < 2) return
    document.querySelector('.gs-head').append(make('nav', { class: 'gs-nav', 'aria-label': 'Sections' }, list))
  }

  const foot = () => {
    const footer = document.querySelector('body > footer')
    const table = document.getElementById('environment')
    const header = document.getElementById('environment-header')
    if (!footer) return
    if (table) {
      table.classList.remove('hidden')
      table.querySelectorAll('tr > td:first-child').forEach((cell) => {
        cell.replaceWith(make('th', { scope: 'row' }, ...cell.childNodes))
      })
      table.querySelectorAll('ul > ul:empty').forEach((list) => list.remove())
      footer.prepend(make('details', { class: 'gs-fold' }, make('summary', {}, 'Environment'), make('div', { class: 'gs-scroll' }, table)))
    }
    if (header) header.hidden = true
  }

  const copied = async (text) => {
    try {
      await navigator.clipboard.writeText(text)
      return true
    } catch {
      const area = make('textarea')
      area.value = text
      document.body.append(area)
      area.select()
      const done = document.execCommand('copy')
      area.remove()
      return done
    }
  }

  const copies = () => {
    const told = make('p', { class: 'gs-unseen', role: 'status' })
    document.body.append(told)
    document.querySelectorAll('.gs-command').forEach((command) => {
      const button = make('button', { type: 'button', class: 'gs-copy', 'aria-label': 'Copy the command' }, 'Copy')
      button.addEventListener('click', async () => {
        const text = command.querySelector('code').textContent
        const said = (await copied(text)) ? 'Copied' : 'Not copied'
        button.focus()
        button.textContent = told.textContent = said
        setTimeout(() => { button.textContent = 'Copy'; told.textContent = '' }, 2000)
      })
      command.append(button)
    })
  }

  /* A link into a folded part opens it. */
  const open = () => {
    if (!location.hash || location.hash.includes('=')) return
    const target = document.getElementById(location.hash.slice(1))
    target?.querySelector('details.gs-fold')?.setAttribute('open', '')
    for (let at = target; at; at = at.parentElement) if (at.tagName === 'DETAILS') at.open = true
    target?.scrollIntoView()
  }

  const printing = () => {
    let opened = []
    addEventListener('beforeprint', () => {
      opened = [...document.querySelectorAll('details.gs-print:not([open])')]
      opened.forEach((each) => { each.open = true })
    })
    addEventListener('afterprint', () => opened.forEach((each) => { each.open = false }))
  }

  printing()
  addEventListener('hashchange', open)
  document.addEventListener('DOMContentLoaded', () => {
    order()
    nav()
    foot()
    copies()
    open()
  })
})()
