SELECT label FROM per_label ORDER BY readings DESC
