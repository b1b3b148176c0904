-- As mysqldump writes it.
CREATE TABLE `task` (
  `task_id` bigint unsigned NOT NULL AUTO_INCREMENT,
  `name` varchar(255) NOT NULL,
  `enable` tinyint NOT NULL,
  `module` int NOT NULL,
  `type` tinyint NOT NULL,
  `start_time` varchar(64) NOT NULL,
  `url` varchar(1024) NOT NULL,
  `method` varchar(8) NOT NULL,
  `resp_regexp` varchar(255) DEFAULT NULL,
  `body` text,
  `body_type` tinyint DEFAULT NULL,
  `redo_param` varchar(64) DEFAULT NULL,
  PRIMARY KEY (`task_id`)
);
INSERT INTO `task` VALUES (101,'定时改价',1,2,4,'0 30 2 * * ?','http://prices.shop.svc:8080/refresh','post','*','{\"scope\": \"it\'s all\"}',1,'2 4 8'),(102,'close the sale',2,2,1,'4070908800','sales.shop.svc:50051/shop.v1.Sales.Close','rpc',NULL,NULL,NULL,NULL);
