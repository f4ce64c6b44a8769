using System.Globalization;
using MnistLstm.Bench.Pictures;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
switch (args)
{
    case ["photo"]:
        PhotoCost.Run();
        return 0;
    case [PhotoCost.MemorySwitch, var photo]:
        PhotoCost.MeasureMemory(photo);
        return 0;
}

if (args is not [var model, .. var rest] || rest.Length > 2)
{
    Console.Error.WriteLine("Usage: Pictures MODEL.onnx [PICTURES_A_STYLE [FOLDER_FOR_MISTAKES]]   |   Pictures photo");
    return 2;
}

Comparison.Run(model, rest.Length > 0 ? int.Parse(rest[0]) : 200, rest.Length > 1 ? rest[1] : null);
return 0;
