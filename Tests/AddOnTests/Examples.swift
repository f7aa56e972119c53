import AddOn

/// Three rows as the different tools write them: a newer token took the place of the first, the second was clicked, the third is active and has
/// characters that need escapes.
enum Example {
    static let tokens = ["AAAAAAAAAAAAAAAAAAAAAAA1", "AAAAAAAAAAAAAAAAAAAAAAA2", "AAAAAAAAAAAAAAAAAAAAAAA3"]

    static let csv = """
        token,ticket_number,user,used,change_time,create_time
        \(tokens[0]),2026112510000018,anna@example.org,1,2026-11-20 10:00:00,2026-11-20 10:00:00
        \(tokens[1]),2026112510000018,anna@example.org,1,2026-11-21 11:00:00,2026-11-21 10:00:00
        \(tokens[2]),2026112510000026,"o'neil\\"" , jr",2,2026-11-22 10:00:00,2026-11-22 10:00:00

        """

    static let semicolons = """
        "ticket_number";"token";"user_login";"used";"create_time";"change_time"
        2026112510000018;\(tokens[0]);anna@example.org;1;2026-11-20 10:00:00;2026-11-20 10:00:00
        2026112510000018;\(tokens[1]);anna@example.org;1;2026-11-21 10:00:00;2026-11-21 11:00:00
        2026112510000026;\(tokens[2]);"o'neil\\"" , jr";2;2026-11-22 10:00:00;2026-11-22 10:00:00
        """

    static let tabs = """
        id\ttoken\tticket_number\tcustomer_user\tused\tcreate_time\tchange_time
        1\t\(tokens[0])\t2026112510000018\tanna@example.org\t1\t2026-11-20 10:00:00\t2026-11-20 10:00:00
        2\t\(tokens[1])\t2026112510000018\tanna@example.org\t1\t2026-11-21 10:00:00\t2026-11-21 11:00:00
        3\t\(tokens[2])\t2026112510000026\to'neil\\\\" , jr\t2\t2026-11-22 10:00:00\t2026-11-22 10:00:00

        """

    static let mysqldump = """
        -- MySQL dump 10.13  Distrib 8.0.36, for Linux (x86_64)
        --
        -- Host: localhost    Database: otobo
        /*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
        /*!50503 SET NAMES utf8mb4 */;
        DROP TABLE IF EXISTS `article_data`;
        CREATE TABLE `article_data` (
          `id` bigint NOT NULL AUTO_INCREMENT,
          `token` varchar(10) DEFAULT 'a),(''b',
          PRIMARY KEY (`id`)
        ) ENGINE=InnoDB;
        LOCK TABLES `article_data` WRITE;
        INSERT INTO `article_data` VALUES (1,'It\\'s; INSERT INTO `ota_tokens` VALUES (1);\\\\'),(2,'--'),(-3,'/*');
        UNLOCK TABLES;
        DELIMITER ;;
        CREATE TRIGGER t BEFORE INSERT ON article_data FOR EACH ROW BEGIN SET NEW.id = 1; END ;;
        DELIMITER ;
        DROP TABLE IF EXISTS `ota_tokens`;
        /*!40101 SET @saved_cs_client     = @@character_set_client */;
        CREATE TABLE `ota_tokens` (
          `id` int NOT NULL AUTO_INCREMENT COMMENT 'number, (of) the row',
          `token` varchar(255) NOT NULL,
          `ticket_number` varchar(50) NOT NULL,
          `user` varchar(200) NOT NULL,
          `used` decimal(1,0) NOT NULL DEFAULT '0',
          `change_time` datetime NOT NULL,
          `create_time` datetime NOT NULL,
          PRIMARY KEY (`id`),
          UNIQUE KEY `ota_token` (`token`),
          KEY `user` (`user`(10),`used`)
        ) ENGINE=InnoDB AUTO_INCREMENT=4 DEFAULT CHARSET=utf8mb4;
        /*!40000 ALTER TABLE `ota_tokens` DISABLE KEYS */;
        INSERT INTO `ota_tokens` VALUES (1,'\(tokens[0])','2026112510000018','anna@example.org',1,'2026-11-20 10:00:00','2026-11-20 10:00:00'),(2,'\(tokens[1])','2026112510000018','anna@example.org',1,'2026-11-21 11:00:00','2026-11-21 10:00:00'),
        (3,_utf8mb4 '\(tokens[2])','2026112510000026','o\\'neil\\\\\\" , jr',2,'2026-11-22 10:00:00','2026-11-22 10:00:00');
        /*!40000 ALTER TABLE `ota_tokens` ENABLE KEYS */;
        INSERT INTO `zzz` VALUES (1,'x');
        -- Dump completed on 2026-11-25
        """

    static let mariadb = """
        /*M!999999\\- enable the sandbox mode */
        -- MariaDB dump 10.19  Distrib 10.11.6-MariaDB, for debian-linux-gnu (x86_64)
        INSERT INTO `ota_tokens` (`create_time`, `token`, `used`, `customer_user_login`, `ticket_number`, `change_time`) VALUES
        ('2026-11-20 10:00:00','\(tokens[0])',1,'anna@example.org','2026112510000018','2026-11-20 10:00:00');
        REPLACE INTO `otobo`.`ota_tokens` (`token`, `used`, `user`, `ticket_number`, `create_time`, `change_time`) VALUES
        ('\(tokens[1])',1,'anna@example.org','2026112510000018','2026-11-21 10:00:00','2026-11-21 11:00:00'),
        ('\(tokens[2])',2,'o''neil\\\\" , jr','2026112510000026','2026-11-22 10:00:00',NULL);
        """

    static let pgCopy = """
        --
        -- PostgreSQL database dump
        --

        \\restrict abcDEF

        SET standard_conforming_strings = on;
        SELECT pg_catalog.set_config('search_path', '', false);
        CREATE FUNCTION public.f() RETURNS text LANGUAGE plpgsql AS $_$ BEGIN RETURN 'it''s; ' || $1; END $_$;
        COMMENT ON TABLE public.other IS 'a path: C:\\';
        CREATE TABLE IF NOT EXISTS public.ota_tokens (
            id integer NOT NULL,
            token character varying(255) NOT NULL,
            CONSTRAINT positive CHECK ((id > 0))
        );
        COPY public.other (id, text) FROM stdin;
        1\tit's
        2\tCOPY public.ota_tokens (token) FROM stdin;
        \\.

        COPY public.ota_tokens (id, token, ticket_number, "user", used, change_time, create_time) FROM stdin;
        1\t\(tokens[0])\t2026112510000018\tanna@example.org\t1\t2026-11-20 10:00:00\t2026-11-20 10:00:00
        2\t\(tokens[1])\t2026112510000018\tanna@example.org\t1\t2026-11-21 11:00:00\t2026-11-21 10:00:00
        3\t\(tokens[2])\t2026112510000026\to'neil\\\\" , jr\t2\t2026-11-22 10:00:00\t2026-11-22 10:00:00
        \\.

        SELECT pg_catalog.setval('public.ota_tokens_id_seq', 3, true);
        """

    static let pgInserts = """
        --
        -- PostgreSQL database dump
        --
        INSERT INTO public.other VALUES (1, 'C:\\', E'it\\'s;');
        CREATE TABLE public.ota_tokens (
            token character varying(255) DEFAULT 'x,y'::character varying NOT NULL,
            ticket_number character varying(50) NOT NULL,
            "user" character varying(200) NOT NULL,
            used smallint DEFAULT 0 NOT NULL,
            change_time timestamp(0) without time zone NOT NULL,
            create_time timestamp(0) without time zone NOT NULL
        );
        INSERT INTO public.ota_tokens VALUES ('\(tokens[0])', '2026112510000018', 'anna@example.org', 1, '2026-11-20 10:00:00', '2026-11-20 10:00:00');
        INSERT INTO public.ota_tokens VALUES ('\(tokens[1])', '2026112510000018', 'anna@example.org', 1, '2026-11-21 11:00:00', '2026-11-21 10:00:00');
        INSERT INTO public.ota_tokens VALUES ('\(tokens[2])', '2026112510000026', 'o''neil\\" , jr', 2, '2026-11-22 10:00:00', '2026-11-22 10:00:00') ON CONFLICT DO NOTHING;
        """

    /// Gives a text in pieces of so many bytes.
    static func pieces(_ text: String, of size: Int) -> () throws -> [UInt8] {
        var rest = Array(text.utf8)[...]
        return {
            defer { rest = rest.dropFirst(size) }
            return Array(rest.prefix(size))
        }
    }
}
