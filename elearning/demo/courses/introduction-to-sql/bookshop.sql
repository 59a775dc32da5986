-- A small bookshop. Runs unchanged on SQLite 3.25+ and PostgreSQL.
-- Prices are in cents.

CREATE TABLE authors (
    id      INTEGER PRIMARY KEY,
    name    TEXT NOT NULL,
    country TEXT
);

CREATE TABLE books (
    id          INTEGER PRIMARY KEY,
    title       TEXT NOT NULL,
    author_id   INTEGER NOT NULL REFERENCES authors (id),
    genre       TEXT NOT NULL,
    price_cents INTEGER NOT NULL CHECK (price_cents >= 0),
    stock       INTEGER NOT NULL CHECK (stock >= 0)
);

CREATE TABLE customers (
    id        INTEGER PRIMARY KEY,
    name      TEXT NOT NULL,
    city      TEXT,
    joined_on DATE NOT NULL
);

CREATE TABLE orders (
    id          INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    ordered_on  DATE NOT NULL
);

CREATE TABLE order_items (
    order_id INTEGER NOT NULL REFERENCES orders (id),
    book_id  INTEGER NOT NULL REFERENCES books (id),
    quantity INTEGER NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (order_id, book_id)
);

INSERT INTO authors (id, name, country) VALUES
    (1, 'Imani Okoro', 'Nigeria'),
    (2, 'Lucía Ferrer', 'Spain'),
    (3, 'Jonas Lindqvist', 'Sweden'),
    (4, 'Han Seo-yeon', 'South Korea'),
    (5, 'A. N. Other', NULL);

INSERT INTO books (id, title, author_id, genre, price_cents, stock) VALUES
    (1, 'The Salt Archive', 1, 'Fiction', 1800, 12),
    (2, 'Rivers Without Maps', 1, 'Travel', 2200, 4),
    (3, 'Kitchen of Small Fires', 2, 'Cooking', 2600, 7),
    (4, 'Bread, Slowly', 2, 'Cooking', 2400, 0),
    (5, 'Winter Arithmetic', 3, 'Science', 3100, 5),
    (6, 'The Lighthouse Problem', 3, 'Science', 2900, 9),
    (7, 'Letters to a Quiet City', 4, 'Fiction', 1600, 15),
    (8, 'Nine Rooms', 4, 'Fiction', 1500, 3),
    (9, 'An Unsold Book', 5, 'Travel', 1200, 20);

INSERT INTO customers (id, name, city, joined_on) VALUES
    (1, 'Amara', 'Seoul', '2025-01-12'),
    (2, 'Ben', 'Busan', '2025-02-03'),
    (3, 'Chloé', 'Seoul', '2025-02-20'),
    (4, 'Daniel', NULL, '2025-03-08'),
    (5, 'Eun-ji', 'Incheon', '2025-04-15'),
    (6, 'Farid', 'Seoul', '2025-06-30');

INSERT INTO orders (id, customer_id, ordered_on) VALUES
    (101, 1, '2025-03-02'),
    (102, 2, '2025-03-15'),
    (103, 1, '2025-04-01'),
    (104, 3, '2025-04-22'),
    (105, 4, '2025-05-05'),
    (106, 3, '2025-05-19'),
    (107, 1, '2025-06-11'),
    (108, 5, '2025-06-28');

INSERT INTO order_items (order_id, book_id, quantity) VALUES
    (101, 1, 1),
    (101, 3, 1),
    (102, 5, 1),
    (103, 7, 2),
    (104, 1, 1),
    (104, 6, 1),
    (105, 4, 1),
    (106, 2, 1),
    (106, 8, 1),
    (107, 5, 1),
    (107, 6, 1),
    (108, 7, 1),
    (108, 3, 2);
