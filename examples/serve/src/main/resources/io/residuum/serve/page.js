'use strict';
const byId = id => document.getElementById(id);
let running = null;

function fail(message) {
  byId('error').textContent = message;
  byId('error').hidden = !message;
}

async function checked(response) {
  if (!response.ok) {
    const body = await response.json();
    throw new Error(body.error.message);
  }
  return response;
}

function showClasses(classes) {
  byId('classes').replaceChildren(...classes.map(c => {
    const row = document.createElement('tr');
    const bar = document.createElement('progress');
    bar.value = c.probability;
    for (const content of [c.name, bar, (100 * c.probability).toFixed(1) + '%']) {
      const cell = document.createElement('td');
      cell.append(content);
      row.append(cell);
    }
    return row;
  }));
}

function show(image, blob) {
  URL.revokeObjectURL(image.src);
  image.src = URL.createObjectURL(blob);
  image.hidden = false;
}

async function classifyImage(file) {
  fail('');
  showClasses([]);
  byId('explanation').hidden = true;
  show(byId('picture'), file);
  const request = {method: 'POST', headers: {'Content-Type': file.type || 'application/octet-stream'}, body: file};
  try {
    const result = await (await checked(await fetch('v1/predict', request))).json();
    showClasses(result.predictions[0].classes);
    show(byId('explanation'), await (await checked(await fetch('v1/explain', request))).blob());
  } catch (e) {
    fail(e.message);
  }
}

function json(path, body, signal) {
  return fetch(path, {method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(body), signal});
}

async function classifyText(text) {
  const response = await checked(await json('v1/predict', {texts: [text]}));
  showClasses((await response.json()).predictions[0].classes);
}

async function complete(prompt) {
  running = new AbortController();
  byId('stop').hidden = false;
  byId('text').hidden = false;
  byId('text').textContent = prompt;
  try {
    const body = {prompt, max_tokens: 200, temperature: 0.8, stream: true};
    const response = await checked(await json('v1/completions', body, running.signal));
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      const events = (rest + part.value).split('\n\n');
      rest = events.pop();
      for (const event of events) {
        const data = event.slice('data: '.length);
        if (data !== '[DONE]') {
          const chunk = JSON.parse(data);
          if (chunk.error) {
            throw new Error(chunk.error.message);
          }
          byId('text').append(chunk.choices.map(c => c.text).join(''));
        }
      }
    }
  } finally {
    byId('stop').hidden = true;
    running = null;
  }
}

async function embed(text) {
  const response = await checked(await json('v1/embeddings', {input: text}));
  byId('text').hidden = false;
  byId('text').textContent = JSON.stringify((await response.json()).data[0].embedding);
}

async function start() {
  const model = (await (await checked(await fetch('v1/models'))).json()).data[0];
  const has = task => model.tasks.includes(task);
  byId('model').textContent = model.id;
  byId('tasks').textContent = model.tasks.join(', ');
  byId('images').hidden = !has('images');
  const answer = has('texts') ? classifyText : has('completions') ? complete : has('embeddings') ? embed : null;
  byId('prompts').hidden = !answer;
  byId('form').addEventListener('submit', async event => {
    event.preventDefault();
    fail('');
    try {
      await answer(byId('prompt').value);
    } catch (e) {
      if (e.name !== 'AbortError') {
        fail(e.message);
      }
    }
  });
  byId('stop').addEventListener('click', () => running && running.abort());
  byId('file').addEventListener('change', event => classifyImage(event.target.files[0]));
  const drop = byId('drop');
  for (const type of ['dragover', 'dragleave', 'drop']) {
    drop.addEventListener(type, event => {
      event.preventDefault();
      drop.classList.toggle('over', type === 'dragover');
      if (type === 'drop' && event.dataTransfer.files.length) {
        classifyImage(event.dataTransfer.files[0]);
      }
    });
  }
  document.body.dataset.ready = 'true';
}

start().catch(e => fail(e.message));
