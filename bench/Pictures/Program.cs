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

int pictures = 200;
int first = 0;
if (args is not [var model, .. var rest] || rest.Length > 3
    || (rest.Length > 0 && !int.TryParse(rest[0], out pictures)) || (rest.Length > 1 && !int.TryParse(rest[1], out first)))
{
    Console.Error.WriteLine("Usage: Pictures MODEL.onnx [PICTURES_A_STYLE [FIRST_PICTURE [FOLDER_FOR_MISTAKES]]]   |   Pictures photo");
    return 2;
}

if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable("MNIST_DIR")))
{
    Console.Error.WriteLine("Set MNIST_DIR to the folder with train-images-idx3-ubyte.gz and train-labels-idx1-ubyte.gz.");
    return 2;
}

Comparison.Run(model, pictures, first, rest.Length > 2 ? rest[2] : null);
return 0;
