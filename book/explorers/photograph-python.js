// Lines of Python that judge the same picture as "Your own photograph".
var cnn = cnn || {};
cnn.python = cnn.python || {};

// `path`: where the picture is, as Python would write it; `label`: 0 asks about a cat, 1 about a dog; `layer`: the maps.
cnn.python.photograph = function (asked) {
  'use strict';
  const { path, isShipped, label, layer } = asked;
  return [
    'import numpy as np\n',
    'from cnn_course.activations import feature_maps',
    'from cnn_course.attribution import grad_cam, occlusion_map',
    'from cnn_course.evaluation import probabilities',
    'from cnn_course.photos import load_unlabeled',
    ...(isShipped ? ['from cnn_course.shipped import DATA'] : []),
    'from cnn_course.weights import load_photo_net\n',
    'model = load_photo_net()',
    `photos = load_unlabeled(${isShipped ? 'DATA / ' : ''}${JSON.stringify(path)}, image_size=96)`,
    'print(probabilities(model, photos.images))  # cat, dog\n',
    'seen = np.float32(photos.images) / 255',
    `covered = occlusion_map(model, seen, [${label}], size=16, stride=8)`,
    'print(covered[0, ::8, ::8].round(2))',
    `print(grad_cam(model, seen, "block4", [${label}])[0].round(3))`,
    `print(feature_maps(model, seen, ["${layer}"])["${layer}"].max())\n`,
  ].join('\n');
};
