"""What people write: FastAPI, SQLAlchemy and one transaction for each draw.  常见写法"""
