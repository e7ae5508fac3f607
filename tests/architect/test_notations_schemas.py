# ruff: noqa: E501, ISC004 - tables of fragments
"""Schema languages, mappers and types: what is an entity in them, and which fields it has."""

import pytest

GOOD = {
    "prisma": (
        """
        enum Role { ADMIN USER }
        model User {
          id       String   @id @default(uuid())
          email    String   @unique
          name     String?  @db.VarChar(40)
          role     Role     @default(USER)
          tags     String[]
          credit   Decimal  @db.Decimal(10, 2)
          posts    Post[]
          @@map("users")
        }
        model Post {
          id       Int  @id @default(autoincrement())
          authorId Int
          author   User @relation(fields: [authorId], references: [id])
        }
        """,
        {
            "User": "id:uuid email:email! name:string?[..40] role:enum(ADMIN|USER)=USER tags:list credit:money",
            "Post": "id:uuid author_id:reference->User",
        },
    ),
    "dbml": (
        """
        Table jars as J {
          id int [pk, increment]
          name varchar(9) [not null, unique, note: 'on it, in ink']
          state jar_state [default: 'full']
          lid int [ref: > lids.id]
          shelf_id int
          indexes { (name) [unique] }
        }
        Enum jar_state {
          full
          empty
        }
        Ref: jars.shelf_id > shelves.id
        """,
        {
            "Jar": (
                "id:uuid name:string![..9] state:enum(full|empty)=full lid:reference->Lid shelf_id:reference->Shelve"
            )
        },
    ),
    "graphql": (
        """
        enum Size { S, M }
        type Jar {
          id: ID!
          size: Size!
          label: String
          tags: [String!]!
          lid: Lid!
          lids(first: Int): [Lid!]!
        }
        type Lid { id: ID! colour: String! }
        type Query { jars: [Jar!]! }
        input JarInput { label: String! }
        type JarPayload { jar: Jar! error: String }
        """,
        {"Jar": "id:uuid size:enum(S|M) label:string? tags:list lid_id:reference->Lid", "Lid": "id:uuid"},
    ),
    "protobuf": (
        """
        message Jar {
          string id = 1;
          repeated Lid lids = 2;
          Kind kind = 3;
          google.protobuf.Timestamp filled = 4;
          Shelf shelf = 5;
        }
        message Lid { string id = 1; string colour = 2; }
        message Shelf { string id = 1; int32 length = 2; }
        enum Kind { GLASS = 0; CLAY = 1; }
        message GetJarRequest { string id = 1; string part = 2; }
        """,
        {
            "Jar": "id:uuid kind:enum(GLASS|CLAY) filled:datetime shelf_id:reference->Shelf",
            "Lid": "id:uuid colour:string",
            "Shelf": "id:uuid length:integer",
        },
    ),
    "typescript": (
        """
        export type State = 'full' | 'empty';
        export interface IJar {
          id: string; // made by us
          state: State;
          size?: number | null;
          kind:
            | 'glass'
            | 'clay';
          lids: Lid[];
          owner: Person;
          tags: string[];
          extra: { a: string; b: number };
          fill: (litres: number) => number;
          filledAt: Date;
        }
        type Lid = { id: string, colour: string }
        interface Person { id: string; email: string }
        """,
        {
            "Jar": (
                "id:uuid state:enum(full|empty) size:number? kind:enum(glass|clay) owner_id:reference->Person tags:list "
                "extra:json filled_at:datetime?"
            ),
            "Lid": "id:uuid colour:string",
            "Person": "id:uuid email:email",
        },
    ),
    "typeorm": (
        """
        @Entity('jars')
        export class Jar {
          @PrimaryGeneratedColumn('uuid')
          id: string;
          @Column({ type: 'varchar', length: 20, unique: true })
          code: string;
          @ManyToOne(() => Lid, lid => lid.jars)
          lid: Lid;
        }
        @Entity()
        export class Lid {
          @PrimaryColumn() id: string;
          @OneToMany(() => Jar, jar => jar.lid)
          jars: Jar[];
          @Column() colour: string;
        }
        """,
        {"Jar": "id:uuid code:string![..20] lid_id:reference->Lid", "Lid": "id:uuid colour:string"},
    ),
    "go": (
        """
        type Jar struct {
            ID       uuid.UUID  `json:"id" gorm:"primaryKey"`
            Code     string     `json:"jar_code" gorm:"unique"`
            BrokenAt *time.Time `json:"broken_at,omitempty"`
            Lids     []Lid
        }
        type Lid struct {
            ID     int64
            Colour string
        }
        """,
        {"Jar": "id:uuid jar_code:string! broken_at:datetime?", "Lid": "id:uuid colour:string"},
    ),
    "rust": (
        "pub struct Jar {\n    pub id: Uuid,\n    pub label: Option<String>,\n}",
        {"Jar": "id:uuid label:string?"},
    ),
    "kotlin": (
        "data class Jar(\n  val id: UUID,\n  val label: String?,\n  val n: Int = 3\n)",
        {"Jar": "id:uuid label:string? n:integer=3"},
    ),
    "c#": (
        """
        public class Jar
        {
            [Key]
            public Guid Id { get; set; }
            [Required, MaxLength(9)]
            public string Label { get; set; } = string.Empty;
            public DateTime? BrokenOn { get; set; }
            public ICollection<Lid> Lids { get; set; }
        }
        public record Lid(Guid Id, string Colour);
        """,
        {"Jar": "id:uuid label:string[..9] broken_on:datetime?", "Lid": "id:uuid colour:string"},
    ),
    "java": (
        """
        @Entity
        public class Jar {
            @Id @GeneratedValue
            private Long id;
            @Column(nullable = false, unique = true)
            private String code;
            public String getCode() { return code; }
        }
        """,
        {"Jar": "id:uuid code:string!"},
    ),
    "mongoose": (
        """
        const jarSchema = new mongoose.Schema({
          label: { type: String, required: true, maxlength: 50 },
          state: { type: String, enum: ['full', 'empty'], default: 'full' },
          owner: { type: mongoose.Schema.Types.ObjectId, ref: 'User', required: true },
          lids: [{ type: ObjectId, ref: 'Lid' }],
          litres: Number,
          size: { w: Number, h: Number },
        }, { timestamps: true });
        """,
        {
            "Jar": "label:string[..50] state:enum(full|empty)=full owner:reference->User lids:list litres:number size:json"
        },
    ),
    "drizzle": (
        """
        export const jars = pgTable('jars', {
          id: uuid('id').primaryKey(),
          label: varchar('label', { length: 20 }).notNull().unique(),
          lidId: uuid('lid_id').references(() => lids.id),
        });
        """,
        {"Jar": "id:uuid label:string![..20] lid_id:reference->Lid"},
    ),
    "sqlalchemy": (
        """
        class Jar(Base):
            __tablename__ = "jars"
            id = Column(Integer, primary_key=True)
            code = Column(String(9), unique=True, nullable=False)
            lid_id = Column(Integer, ForeignKey("lids.id"), nullable=True)
            size: Mapped[int | None] = mapped_column()
            lids = relationship("Lid")
        """,
        {"Jar": "id:uuid code:string![..9] lid_id:reference?->Lid size:integer?"},
    ),
    "pydantic": (
        '''
        class State(str, Enum):
            FULL = "full"
            EMPTY = "empty"

        class JarBase(BaseModel):
            label: str = Field(..., max_length=9)
            stars: int = Field(ge=1, le=5)

        class Jar(JarBase):
            """A jar."""
            id: UUID
            state: State = State.FULL
            tags: list[str] = []
            note: Optional[str] = None
            kind: Literal["glass", "clay"]

            def fill(self) -> None:
                litres: int = 1

        class JarCreate(JarBase):
            pass
        ''',
        {
            "Jar": "id:uuid state:enum(full|empty) tags:list note:string? kind:enum(glass|clay) label:string[..9] stars:integer[1..5]"
        },
    ),
    "django": (
        """
        class Jar(models.Model):
            label = models.CharField(max_length=9, unique=True)
            owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
            state = models.CharField(max_length=9, choices=[('f', 'Full'), ('e', 'Empty')], default='f')
            class Meta:
                ordering = ["label"]
        """,
        {"Jar": "label:string![..9] owner_id:reference->User state:enum(f|e)=f"},
    ),
    "dataclass": ("@dataclass\nclass Jar:\n    id: UUID\n    litres: int = 1", {"Jar": "id:uuid litres:integer=1"}),
    "laravel": (
        "Schema::create('jars', function (Blueprint $table) {\n    $table->id();\n    $table->string('label')->unique();\n"
        "    $table->foreignId('lid_id')->constrained();\n    $table->timestamps();\n});",
        {"Jar": "id:uuid label:string! lid_id:reference->Lid"},
    ),
    "rails": (
        'create_table "jars" do |t|\n  t.string "label"\n  t.references :lid\n  t.timestamps\nend',
        {"Jar": "label:string lid_id:reference->Lid"},
    ),
    "json schema": (
        "Jar:\n  type: object\n  required: [id, label]\n  properties:\n    id: {type: string, format: uuid}\n"
        "    label: {type: string, maxLength: 9}\n    state: {type: string, enum: [full, empty]}\n"
        "JarList:\n  type: object\n  properties:\n    items: {type: array}\n    total: {type: integer}",
        {"Jar": "id:uuid label:string[..9] state:enum?(full|empty)"},
    ),
}
BAD = {
    "props": "interface JarProps { id: string; onClick: () => void; }",
    "a component's own props": "type Jar = { id: string; onOpen: () => void }",
    "a request": "interface LoginRequest { id: string; email: string; password: string }",
    "a state store": "interface JarState { id: string; loading: boolean; error: string | null }",
    "socket payloads": "interface ServerToClientEvents { id: string; joined: string }",
    "a token": "type TokenPair = { id: string; access: string }",
    "python requests": "class JarCreate(BaseModel):\n    id: int\n    label: str\n\nclass JarResponse(BaseModel):\n    id: int\n    a: str",
    "a service": "class JarService:\n    id: int\n    repo: JarRepository",
    "protobuf replies": "message JarReply {\n  string id = 1;\n  string b = 2;\n}",
    "settings": "app:\n  image: postgres\n  restart: always",
    "a function": "function jar(id, label) { return { id: 1, label: 2 } }",
}


@pytest.mark.parametrize(("text", "found"), GOOD.values(), ids=GOOD)
def test_models(models, text, found):
    """Types that are stored are entities, whatever the language, their constraints those of the fields."""
    assert models(text) == found


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
def test_what_is_no_entity(models, text):
    """Messages, views and pieces of a program are no entities."""
    assert models(text) == {}


OUTSIDE = {
    "a type with an id": ("interface Jar { id: string; label: string }", ["Jar"]),
    "a type without": ("interface Jar { size: string; label: string }", []),
    "a data class without": ("class Jar(BaseModel):\n    size: int\n    label: str", []),
    "a table": ("class Jar(Base):\n    size = Column(Integer)", ["Jar"]),
    "a check of input": ("const Jar = z.object({ id: z.string(), label: z.string() })", []),
    "a sketch": ("jars(id, label, lid_id)", []),
    "a sample": ('{"id": 1, "label": "x"}', []),
}


@pytest.mark.parametrize(("text", "names"), OUTSIDE.values(), ids=OUTSIDE)
def test_outside_a_section_about_data(models, text, names):
    """Elsewhere only tables, models of mappers and types with an id of their own are entities."""
    assert list(models(text, in_data=False, title="Jar")) == names
